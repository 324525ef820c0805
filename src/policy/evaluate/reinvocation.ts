/**
 * Which policies are asked once more because the object was changed after them (k8s.io/apiserver pkg/admission/plugin/
 * policy/mutating/reinvocationcontext.go). There are two rounds at most.
 */
export class Reinvocation {
  readonly #invoked = new Set<string>();
  readonly #due = new Set<string>();
  #needed = false;

  /** A policy that wants it was asked; what changes from now on concerns it. */
  invoked(key: string): void {
    this.#invoked.add(key);
  }

  /** The object changed: all that were asked before are due. */
  changed(): void {
    for (const key of this.#invoked) this.#due.add(key);
    this.#invoked.clear();
    this.#needed = true;
  }

  /** Whether there is a second round. */
  get needed(): boolean {
    return this.#needed;
  }

  isDue(key: string): boolean {
    return this.#due.has(key);
  }
}
