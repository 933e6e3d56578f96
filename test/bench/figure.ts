export interface Figure {
  name: string;
  /** What was measured, with its unit. */
  value: string;
  /** What it was compared with in the same run. */
  against: string;
  /** Value ÷ comparison, larger is better; null where there is only a limit. */
  ratio: number | null;
  target: string;
  met: boolean;
}
