// Keys, names and reasons may come from anybody. What would steer a terminal, or make a text look like another one, is shown instead.

/** Control characters beside the end of a line, and those that turn the direction of text. */
const steering = /(?!\n)[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu

/** Lines of text, or JSON, as a terminal may be given them. Inside of JSON the text stays what it is. */
export function visible(text: string): string {
  return text.replaceAll(steering, escaped)
}

/** The same of a text that is one line. */
export function visibleInLine(text: string): string {
  return visible(text).replaceAll('\n', escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
