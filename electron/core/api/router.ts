/**
 * Every call passes here, whatever carried it: known channel, then session, then role, then
 * schema, then the handler, then the answer's own schema. What fails is data, never a throw; what
 * is refused to an unlocked member is on the record.
 */
import { randomBytes } from 'node:crypto';
import { CONTRACT, type ChannelName, type Output, type Parsed } from '#shared/contract/contract.ts';
import type { Channel } from '#shared/contract/channel.ts';
import { CustosError, type ErrorData, type Result } from '#shared/domain/errors.ts';
import { framesOf } from '#shared/util/frames.ts';
import { allows } from '#core/access/roles.ts';
import type { Session } from '#core/access/types.ts';
import type { LogEntry } from '#core/ports.ts';
import { asCustosError } from '#core/store/errors.ts';

/** Channels that may be called before unlocking get `Session | null`; all others an open session. */
type SessionFor<C extends ChannelName> = (typeof CONTRACT)[C]['allow'] extends 'anyone'
  ? Session | null
  : Session;

export type Handler<C extends ChannelName> = (
  input: Parsed<C>,
  session: SessionFor<C>,
) => Output<C> | Promise<Output<C>>;
export type Handlers = { [C in ChannelName]: Handler<C> };

export interface RouterDeps {
  handlers: Handlers;
  session(): Session | null;
  log(entry: LogEntry): void;
}

export type Route = (channel: string, input: unknown) => Promise<Result<unknown>>;

export function createRouter(deps: RouterDeps): Route {
  return async (name, input) => {
    try {
      return { ok: true, value: await dispatch(deps, name, input) };
    } catch (error) {
      return { ok: false, error: describe(deps, name, error) };
    }
  };
}

async function dispatch(deps: RouterDeps, name: string, input: unknown): Promise<unknown> {
  const session = deps.session();
  if (!isChannel(name)) throw refuse(session, recordable(name), unknownChannel());
  const channel: Channel = CONTRACT[name];
  authorise(session, name, channel);

  const parsed = channel.input.safeParse(input);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const where = path.length > 0 ? `"${path.join('.')}": ` : '';
    throw refuse(
      session,
      name,
      new CustosError('BAD_REQUEST', `The request was not understood (${where}${message}).`),
    );
  }
  // The table pairs each name with its own handler; the compiler cannot follow it through a lookup.
  const handler = deps.handlers[name] as (i: unknown, s: Session | null) => unknown;
  const value = await handler(parsed.data, session);
  // SECURITY: nothing crosses to a screen that the contract does not name.
  return channel.output.parse(value);
}

function isChannel(name: unknown): name is ChannelName {
  return typeof name === 'string' && Object.hasOwn(CONTRACT, name);
}

/** What a hostile screen sends as a name may be anything. */
function recordable(name: unknown): string {
  return typeof name === 'string' ? name.replace(/[^\w.-]/g, '?').slice(0, 60) : 'not a name';
}

function unknownChannel(): CustosError {
  return new CustosError('UNKNOWN_CHANNEL', 'Custos has no such call.');
}

/** SECURITY: the only place that decides who may call what. */
function authorise(session: Session | null, name: ChannelName, channel: Channel): void {
  if (channel.allow === 'anyone') return;
  if (!session)
    throw new CustosError('NOT_UNLOCKED', 'The workspace is locked. Unlock it and try again.');
  if (allows(channel.allow, session.member.roles)) return;
  const who = channel.allow === 'member' ? 'members' : channel.allow.join(' or ');
  throw refuse(
    session,
    name,
    new CustosError(
      'NOT_ALLOWED',
      `This needs the role ${who}; you have ${session.member.roles.join(', ')}.`,
    ),
  );
}

/** Puts a refusal on the record. A record that cannot be written does not turn it into a yes. */
function refuse(session: Session | null, channel: string, error: CustosError): CustosError {
  if (session && session.readOnly === null)
    session.note({ type: 'call.refused', detail: { channel, code: error.code } });
  return error;
}

function describe(deps: RouterDeps, name: string, error: unknown): ErrorData {
  const known = asCustosError(error, 'working on this request');
  if (known.code !== 'INTERNAL') return known.toData();
  const incident = randomBytes(4).toString('hex');
  // SECURITY: codes and places in the program only; a message may name a file or quote an input.
  const stack = framesOf(known.cause ?? known);
  deps.log({
    level: 'error',
    text: `call ${isChannel(name) ? name : 'unknown'} failed`,
    incident,
    ...(stack ? { stack } : {}),
  });
  return {
    code: 'INTERNAL',
    message: `Something went wrong inside Custos (incident ${incident}). The local log has the details.`,
    incident,
  };
}
