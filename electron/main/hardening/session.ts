/** The window's session: in memory, without a network, without permissions. */
import { app, session, type Session } from 'electron';
import { DEAD_PROXY } from '#electron/hosting/no-network.ts';
import { APP_ORIGIN } from './before-ready.ts';

/** A fresh in-memory session; nothing of it survives the run. */
export async function openSession(): Promise<Session> {
  const ours = session.fromPartition('custos-window', { cache: false });
  await lockDown(ours);
  // Nothing of ours uses the default one, which is why it may do nothing at all.
  await lockDown(session.defaultSession);
  app.configureHostResolver({
    enableBuiltInResolver: false,
    enableAdditionalDnsQueryTypes: false,
    secureDnsMode: 'off',
    secureDnsServers: [],
  });
  return ours;
}

async function lockDown(target: Session): Promise<void> {
  refuseRequests(target);
  refusePermissions(target);
  refuseDevices(target);
  target.setSpellCheckerEnabled(false);
  // SECURITY: dictionaries are fetched from the network; an address that answers nothing.
  target.setSpellCheckerDictionaryDownloadURL(`${APP_ORIGIN}/none/`);
  target.on('will-download', (event) => event.preventDefault());
  await target.setProxy({
    mode: 'fixed_servers',
    proxyRules: DEAD_PROXY,
    proxyBypassRules: '<-loopback>',
  });
}

function refuseRequests(target: Session): void {
  // SECURITY: not the only wall. Handlers skip schemes that are intercepted, and the resolver and
  // the proxy are dead as well.
  target.webRequest.onBeforeRequest(({ url }, callback) => {
    callback({ cancel: !isOurs(url) });
  });
  target.setCertificateVerifyProc((_request, callback) => {
    const REFUSED = -2;
    callback(REFUSED);
  });
}

function isOurs(url: string): boolean {
  if (url.startsWith(`${APP_ORIGIN}/`)) return true;
  // Developer tools are part of Electron and only open in a source tree.
  return !app.isPackaged && url.startsWith('devtools://');
}

function refusePermissions(target: Session): void {
  target.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  target.setPermissionCheckHandler(() => false);
}

function refuseDevices(target: Session): void {
  target.setDevicePermissionHandler(() => false);
  target.setBluetoothPairingHandler((_details, callback) => callback({ confirmed: false }));
  target.setDisplayMediaRequestHandler((_request, callback) => callback(null));
  target.on('select-hid-device', (event) => event.preventDefault());
  target.on('select-serial-port', (event) => event.preventDefault());
  target.on('select-usb-device', (event) => event.preventDefault());
}
