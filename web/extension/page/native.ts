/** Replaces the browser's functions so that they still look like the browser's. */

/** Any function, with the object that it is called on. */
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

const originals = new WeakMap<object, AnyFunction>();

/**
 * Puts by in the place of a method or a getter of owner; by gets the original, the object it was called on and the arguments.
 * A Proxy keeps name, length and the rest as they are. What owner lacks stays absent.
 */
export function replace(owner: object | undefined, name: string, by: (original: AnyFunction, self: unknown, args: unknown[]) => unknown): void {
  const found = owner && Object.getOwnPropertyDescriptor(owner, name) as { get?: AnyFunction; value?: unknown } | undefined;
  if (!found) return;
  const wrap = (original: AnyFunction): AnyFunction => {
    const wrapped = new Proxy(original, { apply: (target, self, args: unknown[]) => by(target, self, args) });
    originals.set(wrapped, original);
    return wrapped;
  };
  if (found.get) Object.defineProperty(owner, name, { ...found, get: wrap(found.get) });
  else if (typeof found.value === "function") Object.defineProperty(owner, name, { ...found, value: wrap(found.value as AnyFunction) });
}

/** Function.prototype.toString answers for what was replaced as for what it replaces, itself included. */
export function maskSources(): void {
  replace(Function.prototype, "toString", (original, self, args) => {
    const known = typeof self === "function" ? originals.get(self) : undefined;
    return Reflect.apply(original, known ?? self, args);
  });
}
