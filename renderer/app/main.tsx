import '@fontsource-variable/inter/wght.css';
import '@fontsource/jetbrains-mono/latin-400.css';
import '../ui/tokens.css';
import '../ui/base.css';
import '../ui/page.css';
import '../ui/table.css';
import { createRoot } from 'react-dom/client';
import { drop } from '../bridge/drop.ts';
import { refreshStatus, takeEvent } from '../bridge/session.ts';
import { listen } from '../bridge/wire.ts';
import { listenToKeys } from '../commands/keyboard.ts';
import { watchForLeaving } from '../media/look.ts';
import { followTheme } from '../ui/theme.ts';
import { App } from './app.tsx';

followTheme();
listen(takeEvent);
listenToKeys();
watchForLeaving();
drop(refreshStatus());

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
