// Something that is wrong: what was expected, what was received, and where.

export class Finding extends Error {}
