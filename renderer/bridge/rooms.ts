/** The rooms and who may enter. The router checks every call again; this only spares dead ends. */
import type { Role } from '#shared/domain/words.ts';

export const ROOMS = [
  'cases',
  'intake',
  'review',
  'gallery',
  'bundles',
  'record',
  'settings',
] as const;
export type Room = (typeof ROOMS)[number];

export const ROOM_NAMES: Record<Room, string> = {
  cases: 'Cases',
  intake: 'Intake',
  review: 'Review',
  gallery: 'Gallery',
  bundles: 'Bundles',
  record: 'Record',
  settings: 'Settings',
};

const ENTRY: Record<Role, readonly Room[]> = {
  investigator: ['cases', 'intake', 'review', 'gallery', 'bundles', 'settings'],
  legal: ['cases', 'gallery', 'bundles', 'settings'],
  supervisor: ['cases', 'bundles', 'record', 'settings'],
};

export function roomsFor(roles: readonly Role[]): Room[] {
  return ROOMS.filter((room) => roles.some((role) => ENTRY[role].includes(room)));
}
