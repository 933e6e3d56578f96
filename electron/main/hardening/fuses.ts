/**
 * Fuses of Electron's binary, as data for the packager (`flipFuses` of `@electron/fuses`, version
 * 1). Flipped before signing, so that the system's own signature check keeps them.
 */
export const FUSES = {
  /** The binary cannot be used as a plain Node. */
  RunAsNode: false,
  EnableNodeOptionsEnvironmentVariable: false,
  /** No inspector, also not by SIGUSR1. The end-to-end suite therefore drives a test build. */
  EnableNodeCliInspectArguments: false,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
  EnableCookieEncryption: true,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
} as const;

/** A fuse added by a newer Electron stops the packaging until somebody has decided about it. */
export const STRICTLY_REQUIRE_ALL_FUSES = true;
