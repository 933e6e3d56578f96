/** A promise that is deliberately not waited for. Everything passed here answers with a Result. */
export function drop(promise: Promise<unknown>): void {
  void promise;
}
