/** Names of the two message channels between Electron's preload and main. */
export const CALL = 'custos:call';
export const EVENT = 'custos:event';
