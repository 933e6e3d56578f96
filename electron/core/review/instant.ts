/** Now, as rows hold it. Order never rests on it: that is the entry's number in the record. */
export function now(): string {
  return new Date().toISOString();
}
