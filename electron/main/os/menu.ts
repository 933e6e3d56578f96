/** The menu: what the system needs for editing and zooming, and locking. No reload, no tools. */
import { Menu, type MenuItemConstructorOptions } from 'electron';

export function installMenu(parts: { packaged: boolean; lock(): void }): void {
  const tools: MenuItemConstructorOptions[] = parts.packaged
    ? []
    : [{ type: 'separator' }, { role: 'toggleDevTools' }];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: 'Custos',
        submenu: [
          { label: 'Lock', click: () => parts.lock() },
          { type: 'separator' },
          { role: 'quit' },
        ],
      },
      {
        label: 'Edit',
        submenu: [
          { role: 'undo' },
          { role: 'redo' },
          { type: 'separator' },
          { role: 'cut' },
          { role: 'copy' },
          { role: 'paste' },
          { role: 'selectAll' },
        ],
      },
      {
        label: 'View',
        submenu: [
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
          ...tools,
        ],
      },
    ]),
  );
}
