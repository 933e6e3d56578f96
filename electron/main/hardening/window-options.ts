/** The window's options as plain data, so that a test can hold every one of them. */
import type { BrowserWindowConstructorOptions, Session } from 'electron';

export function windowOptions(parts: {
  session: Session;
  preload: string;
  packaged: boolean;
}): BrowserWindowConstructorOptions {
  return {
    title: 'Custos',
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    backgroundColor: '#15171b',
    autoHideMenuBar: true,
    webPreferences: {
      session: parts.session,
      preload: parts.preload,
      // SECURITY: said in full although some are defaults: a default may change, this may not.
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      plugins: false,
      webgl: false,
      experimentalFeatures: false,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      enableWebSQL: false,
      disableDialogs: true,
      safeDialogs: true,
      autoplayPolicy: 'document-user-activation-required',
      // First frame only: nothing moves on its own.
      imageAnimationPolicy: 'noAnimation',
      // No compiled copy of anything on disk.
      v8CacheOptions: 'none',
      devTools: !parts.packaged,
    },
  };
}
