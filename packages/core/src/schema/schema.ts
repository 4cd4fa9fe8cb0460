// Standard Schema (zod, valibot, arktype, ...), the part that is called here, and the rule that what is stored is JSON.

/** Any Standard Schema v1. Reference: https://standardschema.dev */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Validation<Output> | Promise<Validation<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}
export type Validation<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }
export interface Issue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** `T` where every leaf is JSON; a leaf that is not becomes `never`. */
export type Json<T> = T extends JsonValue | undefined
  ? T
  : T extends
        | Date
        | bigint
        | symbol
        | ReadonlyMap<unknown, unknown>
        | ReadonlySet<unknown>
        | ((...args: never[]) => unknown)
    ? never
    : unknown extends T
      ? T
      : { [K in keyof T]: Json<T[K]> }

type NotJson<T> = T extends object
  ? { [K in keyof T & string]-?: [T[K]] extends [Json<T[K]>] ? never : K }[keyof T & string]
  : 'the value'

/** `unknown` when T survives JSON, else an object type whose one property says what to change: the compiler prints it. */
export type MustBeJson<T> = [T] extends [Json<T>]
  ? unknown
  : { readonly 'must survive JSON (no Date, bigint, Map, Set, function)': NotJson<T> }

/** The same for events: what was parsed can be parsed again, so a stored value is the value that was written. */
export type MustBeStorable<In, Out> = [Out] extends [In]
  ? MustBeJson<Out>
  : { readonly 'an event schema must not transform: write what you want to read': never }
