/** The closing sections of the report: what it does not say, and how to check it without Custos. */
import { NAMESPACE } from './ssh-key.ts';
import { html, type Html } from './html.ts';

export function limitations(): Html {
  return html`<h2>What this report does not say</h2>
    <ul>
      <li>
        Categories follow from recorded facts by a dated law pack. They are pointers for counsel,
        not advice, and not a finding of guilt.
      </li>
      <li>
        Ages and consent are as they appeared or were reported; a fact that is absent is unknown,
        never “no”.
      </li>
      <li>
        Near-duplicates are found by a perceptual hash. It misses strong crops, rotations by a few
        degrees and heavy overlays, so two stacks may still show the same picture.
      </li>
      <li>
        A decision with the basis “inherited” was confirmed for the stack; that member itself may
        not have been looked at.
      </li>
      <li>
        MD5 and SHA-1 are given for comparison with existing lists only: different files can be made
        to share them. SHA-256 identifies an item.
      </li>
      <li>Paths and times of files are as the source stated them.</li>
      <li>
        The record shows what this workspace did. It cannot show what a person did with a camera or
        on another machine.
      </li>
    </ul>`;
}

export function howToVerify(
  fileName: string,
  signer: { name: string; principal: string; fingerprint: string },
): Html {
  return html`<h2>How to check this bundle</h2>
    <p>
      No part of Custos is needed. In an empty folder, with the programs age, tar, sha512sum and
      ssh-keygen:
    </p>
    <pre class="mono">
age -d -i key.txt ${shellWord(fileName)} | tar x
sha512sum -c tagmanifest-sha512.txt manifest-sha512.txt
ssh-keygen -Y verify -f allowed_signers -I ${signer.principal} -n ${NAMESPACE} -s tagmanifest-sha512.txt.sig &lt; tagmanifest-sha512.txt</pre>
    <ol>
      <li>
        The first opens the bundle with your key. age refuses a file that was changed or cut short.
      </li>
      <li>The second holds every file against the hashes; each line must end in “OK”.</li>
      <li>The third must say “Good &quot;${NAMESPACE}&quot; signature” and show the key below.</li>
    </ol>
    <p>
      Compare the key’s fingerprint with the one you were given by another way, in a letter or by
      telephone. A list of signers inside the bundle proves nothing by itself.
    </p>
    <pre class="mono">${signer.fingerprint}  ${signer.name}</pre>
    <p>
      data/record/checkpoint.txt is a signed statement of the length and tree head of the
      workspace’s record when the bundle was built. Kept by the recipient, it makes any later change
      of the record before that point provable.
    </p>`;
}

/** A file name as a shell takes it for one word. */
function shellWord(name: string): string {
  return /^[A-Za-z0-9._+-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
