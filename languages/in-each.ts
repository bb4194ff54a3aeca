import { output, type Input } from "@pulumi/pulumi";
import { isPlain } from "../components/known";

/** What is there now is changed now, so that one unknown value is not the whole. */
export function within<T, U>(input: Input<T>, change: (value: T) => U): Input<U> {
  return isPlain(input) ? change(input) : output(input).apply((value) => change(value as T));
}

/** All values of a map. */
export function inEach<T, U>(
  map: Input<Record<string, Input<T>>>,
  change: (value: T) => U,
): Input<Record<string, Input<U>>> {
  return within(map, (values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, within(value, change)]),
    ),
  );
}
