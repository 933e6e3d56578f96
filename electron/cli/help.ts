/** What stands below the list of commands. */
export const HELP_FOOTER = `
A first case:
  custos init evidence --member "Ada Pole" --recovery-out words.txt
  custos case create evidence --ref OP-7 --title "Flagged uploads"
  custos import evidence /media/disk --case OP-7 --source "seized disk" --exhibit JD/1
  custos items evidence --case OP-7

In the folder of the sources, write "npm run --silent custos --" for "custos".

Passwords are asked for at the terminal, or read from a file with --password-file; they are never an
argument. With --json a command prints one JSON document (a list: one JSON value a line) on stdout
and nothing else; questions and progress go to stderr.

Exit codes: 0 done; 1 a check found something wrong, or the work was stopped; 2 wrong usage;
3 not allowed, or wrong password; 4 the workspace is in use elsewhere; 5 input or output failed.
`;
