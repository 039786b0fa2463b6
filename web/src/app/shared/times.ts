// How moments are written for people.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

/** Returns the time of day of a moment, in milliseconds since 1970: it is near. */
export function clockText(moment: number): string {
  return CLOCK.format(moment);
}

/** Returns a moment in the reader's time zone; what is no date comes back as it is. */
export function momentText(iso: string): string {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? iso : MOMENT.format(moment);
}

const CAMERA_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})(?::[\d.]+)?(Z|[+-]\d{2}:\d{2})?$/;

/** Returns the time on the camera's clock: it is no moment unless the camera knew its zone. */
export function cameraTimeText(takenAt: string): string {
  const [, year, month, day, clock, zone] = CAMERA_TIME.exec(takenAt) ?? [];
  const name = MONTHS[Number(month) - 1];
  if (!name) return takenAt;
  const offset = zone === 'Z' ? ' UTC' : zone ? ` UTC${zone.replace('-', '−')}` : '';
  return `${Number(day)} ${name} ${year}, ${clock}${offset}`;
}
