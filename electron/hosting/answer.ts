/**
 * Answers what a screen asks for: its own files, and pictures by one-time lease. One function for
 * every host, so that what the tests see in Chromium is what Electron serves.
 */
import { SECURITY_HEADERS } from './csp.ts';
import type { StaticFiles } from './static-files.ts';
import type { PictureAnswer } from './workstation.ts';

export interface HostRequest {
  method: string;
  url: string;
  /** True when the answer would replace the document in the window. */
  navigation: boolean;
}

export interface HostResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** Null: the request is to be cancelled without any answer. */
export type Answer = (request: HostRequest) => Promise<HostResponse | null>;

export interface AnswerParts {
  /** Scheme and host, without a slash at the end: `custos://app`. */
  origin: string;
  files: StaticFiles;
  picture: (token: string) => Promise<PictureAnswer>;
}

const DOCUMENTS = ['/', '/index.html'];
const NOTHING = new Uint8Array();

/** Never rejects: whatever goes wrong is an answer with a status and no words about the content. */
export function createAnswer({ origin, files, picture }: AnswerParts): Answer {
  return async (request) => {
    const pathname = pathWithin(origin, request.url);
    if (pathname === null) return null;
    // SECURITY: a picture or a script is never a document of its own.
    if (request.navigation && !DOCUMENTS.includes(pathname)) return null;
    if (request.method !== 'GET') return refuse(405);
    if (pathname.startsWith('/look/')) return answerPicture(pathname, picture);
    const file = files.get(pathname);
    if (!file) return refuse(404);
    return respond(200, { 'content-type': file.type }, file.bytes);
  };
}

async function answerPicture(
  pathname: string,
  picture: AnswerParts['picture'],
): Promise<HostResponse> {
  const token = leaseToken(pathname);
  if (token === null) return refuse(403);
  let shown: PictureAnswer;
  try {
    shown = await picture(token);
  } catch {
    // The core answers failures itself; here it has ended (locked) while the picture was asked for.
    return refuse(503);
  }
  if (shown.status !== 200) return refuse(shown.status);
  return respond(
    200,
    { 'content-type': shown.headers['content-type'] ?? 'image/jpeg' },
    shown.body,
  );
}

/** The 128-bit token of `/look/<32 lower-case hex>`, else null. */
export function leaseToken(pathname: string): string | null {
  return /^\/look\/([a-f0-9]{32})$/.exec(pathname)?.[1] ?? null;
}

/** The URL's path when it lies at our own origin and asks for nothing else, else null. */
export function pathWithin(origin: string, url: string): string | null {
  if (!URL.canParse(url)) return null;
  const asked = new URL(url);
  // `URL.origin` is "null" for a scheme Node does not know, so scheme and host are compared.
  if (`${asked.protocol}//${asked.host}` !== origin) return null;
  if (asked.username !== '' || asked.password !== '' || asked.search !== '') return null;
  return asked.pathname === '' ? '/' : asked.pathname;
}

function respond(status: number, headers: Record<string, string>, body: Uint8Array): HostResponse {
  // Ours last: no answer can loosen them.
  return { status, headers: { ...headers, ...SECURITY_HEADERS }, body };
}

function refuse(status: number): HostResponse {
  return respond(status, { 'content-type': 'text/plain; charset=utf-8' }, NOTHING);
}
