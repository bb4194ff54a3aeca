import type { Input } from "@pulumi/pulumi";

/** The same shape, in which every value may be an output: a secret, say. */
export type InputsOf<T> = [T] extends [string | number | boolean]
  ? Input<T>
  : T extends readonly (infer Each)[]
    ? Input<readonly InputsOf<Each>[]>
    : T extends object
      ? Input<FieldsOf<T>>
      : Input<T>;

/** An object each of whose values may be an output. */
export type FieldsOf<T> = { [Key in keyof T]: InputsOf<Exclude<T[Key], undefined>> };
