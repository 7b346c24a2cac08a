/** Reads what came from outside: it has the shape that was asked for, or it is nothing. */

/** Whether a value has the shape of T; what it holds besides does not matter. */
export type Check<T> = (value: unknown) => value is T;

/** The value that text stands for; null where it is no JSON, or has another shape. */
export function parse<T>(text: string, check: Check<T>): T | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return check(value) ? value : null;
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function isNull(value: unknown): value is null {
  return value === null;
}

/** An object that is no list, with any fields. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Absent, or as check says. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

export function listOf<T>(check: Check<T>): Check<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every((item) => check(item));
}

/** An object with fields of any names, each as check says. */
export function recordOf<T>(check: Check<T>): Check<Record<string, T>> {
  return (value): value is Record<string, T> => isObject(value) && Object.values(value).every((item) => check(item));
}

export function oneOf<T extends string>(...texts: readonly T[]): Check<T> {
  return (value): value is T => texts.some((text) => text === value);
}

/** What at least one of the checks takes. */
export function either<T extends readonly unknown[]>(...checks: { [K in keyof T]: Check<T[K]> }): Check<T[number]> {
  return (value): value is T[number] => checks.some((check) => check(value));
}

/** An object with these fields; the compiler sees to it that none of T is forgotten. */
export function shape<T extends object>(fields: { [K in keyof T]-?: Check<T[K]> }): Check<T> {
  const checks = Object.entries<Check<unknown>>(fields);
  return (value): value is T => isObject(value) && checks.every(([name, check]) => check(value[name]));
}
