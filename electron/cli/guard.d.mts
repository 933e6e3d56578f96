interface Versions {
  node: string;
  napi?: string;
}
export function isSuitable(versions: Versions): boolean;
export function unsuitableSentence(versions: Versions): string;
export function pinnedNode(root: string, platform?: string, arch?: string): string | null;
export function ensureRuntime(): void;
