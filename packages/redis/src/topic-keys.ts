// Where a topic and its groups lie in Redis, all under the prefix of the bus:
//
//   topic:<topic>                    the stream: an entry per event
//   sent:<topic>                     a sorted set of the last events that have a place in their sender's log, scored by when they came
//   dead:<bytes of topic>:<topic>:<group>       the stream of a group's dead letters
//   removed:<bytes of topic>:<topic>:<group>    for a day, that the group was removed

export interface TopicKeys {
  readonly stream: string
  readonly sent: string
}
export interface GroupKeys {
  readonly stream: string
  readonly dead: string
  readonly removed: string
}

export function topicKeys(prefix: string, topic: string): TopicKeys {
  return { stream: `${prefix}topic:${topic}`, sent: `${prefix}sent:${topic}` }
}

export function groupKeys(prefix: string, topic: string, group: string): GroupKeys {
  const place = `${Buffer.byteLength(topic)}:${topic}:${group}`
  return {
    stream: topicKeys(prefix, topic).stream,
    dead: `${prefix}dead:${place}`,
    removed: `${prefix}removed:${place}`,
  }
}
