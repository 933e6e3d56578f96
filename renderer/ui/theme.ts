/** Which colours: as the system has them, until a person chooses. Kept for this window only. */
import { create } from 'zustand';

export const THEMES = ['system', 'dark', 'light', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_WORDS: Record<Theme, { label: string; about: string }> = {
  system: { label: 'As the system', about: 'Follows the setting of this computer.' },
  dark: { label: 'Dark', about: 'For long work in a dim room.' },
  light: { label: 'Light', about: 'For a bright room and for paper beside the screen.' },
  contrast: { label: 'High contrast', about: 'Black ground, white text, strong lines.' },
};

export const useTheme = create<{ theme: Theme }>(() => ({ theme: 'system' }));

export function chooseTheme(theme: Theme): void {
  useTheme.setState({ theme });
}

const light = window.matchMedia('(prefers-color-scheme: light)');
const contrast = window.matchMedia('(prefers-contrast: more)');

function apply(): void {
  const { theme } = useTheme.getState();
  const system = contrast.matches ? 'contrast' : light.matches ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = theme === 'system' ? system : theme;
}

/** Called once, before the first paint. */
export function followTheme(): void {
  apply();
  useTheme.subscribe(apply);
  light.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
}
