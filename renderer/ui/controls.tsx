/** Buttons, fields and the other small things one presses and types into. */
import './controls.css';
import { useId, type ComponentProps, type ReactNode } from 'react';

interface ButtonProps extends ComponentProps<'button'> {
  look?: 'plain' | 'main' | 'quiet' | 'icon' | 'final';
}

const LOOKS = {
  plain: 'button',
  main: 'button button-main',
  quiet: 'button button-quiet',
  icon: 'button button-quiet button-icon',
  final: 'button button-final',
};

export function Button({ look = 'plain', className, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      data-first={rest.autoFocus}
      className={`${LOOKS[look]} ${className ?? ''}`}
    />
  );
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  children: (props: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }) => ReactNode;
}

/** A label, whatever is typed into, and what is to be known about it. */
export function Field({ label, hint, error = null, children }: FieldProps): ReactNode {
  const id = useId();
  const about = error !== null || hint !== undefined ? `${id}-about` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': error !== null })}
      {error !== null ? (
        <span id={about} className="field-error">
          {error}
        </span>
      ) : (
        hint !== undefined && (
          <span id={about} className="field-hint">
            {hint}
          </span>
        )
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'id'> {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ReactNode;
  error?: string | null;
}

export function TextField(props: TextFieldProps): ReactNode {
  const { label, value, onValue, hint, error, ...rest } = props;
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {(names) => (
        <input
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...names}
          data-first={rest.autoFocus}
          className="input"
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'onChange' | 'value' | 'id'> {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ReactNode;
  error?: string | null;
}

export function TextAreaField(props: TextAreaProps): ReactNode {
  const { label, value, onValue, hint, error, ...rest } = props;
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {(names) => (
        <textarea
          spellCheck={false}
          {...rest}
          {...names}
          data-first={rest.autoFocus}
          className="input"
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  options: readonly { value: string; label: string }[];
  hint?: ReactNode;
}

export function SelectField(props: SelectFieldProps): ReactNode {
  const { label, value, onValue, options, hint } = props;
  return (
    <Field label={label} hint={hint}>
      {(names) => (
        <select
          {...names}
          className="input"
          value={value}
          onChange={(event) => onValue(event.target.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ChoiceProps {
  type: 'checkbox' | 'radio';
  name?: string;
  label: string;
  about?: string;
  checked: boolean;
  disabled?: boolean;
  onChecked: (checked: boolean) => void;
}

export function Choice(props: ChoiceProps): ReactNode {
  const { label, about, onChecked, ...rest } = props;
  const id = useId();
  return (
    <div className="choice">
      <input
        {...rest}
        id={id}
        aria-describedby={about === undefined ? undefined : `${id}-about`}
        onChange={(event) => onChecked(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {about !== undefined && <small id={`${id}-about`}>{about}</small>}
      </div>
    </div>
  );
}

/** A filter that is on or off, with how many it would leave. */
export function Chip(props: {
  label: string;
  count?: string;
  on: boolean;
  onToggle: () => void;
  children?: ReactNode;
}): ReactNode {
  return (
    <button type="button" className="chip" aria-pressed={props.on} onClick={props.onToggle}>
      {props.children}
      {props.label}
      {props.count !== undefined && <span className="num quiet">{props.count}</span>}
    </button>
  );
}

export function Kbd({ children }: { children: ReactNode }): ReactNode {
  return <kbd className="kbd">{children}</kbd>;
}
