import type { ReactNode } from 'react';

/** P1 to P6 of the security document, in plain words. */
const LINES = [
  {
    title: 'What was confirmed is not lost, and no byte changes unseen.',
    text: 'Through a crash, a power cut or a full disk. A changed byte is an error said aloud.',
  },
  {
    title: 'The record comes first.',
    text: 'Nothing is shown or exported before its entry is safely written.',
  },
  {
    title: 'Locked means locked.',
    text: 'Without a password the folder tells sizes, counts and times. A supervisor’s password opens no picture.',
  },
  {
    title: 'A changed record is found.',
    text: 'Up to the newest checkpoint held elsewhere, and by a tool that is not this one.',
  },
  { title: 'No network.', text: 'Not one packet, in any mode.' },
];

export function Promise5(): ReactNode {
  return (
    <ul className="promise" aria-label="What Custos promises">
      {LINES.map((line) => (
        <li key={line.title}>
          <h2 className="h3">{line.title}</h2>
          <p>{line.text}</p>
        </li>
      ))}
    </ul>
  );
}
