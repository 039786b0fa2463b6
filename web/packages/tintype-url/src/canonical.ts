/**
 * The one form of all spellings of an address, which its signature is about: as src/tintype/delivery/grammar.py,
 * whose cases this passes as well.
 */

const MAX_SIDE = 8192;
const MAX_OFFSET = 65535; // of `rect`
const IGNORED = /^(?:auto|v|ver|ixlib|utm_.*|e|s)$/;
const FITS: Record<string, string> = {
  inside: 'inside',
  clip: 'clip',
  cover: 'cover',
  crop: 'crop',
  contain: 'contain',
  fill: 'fill',
  outside: 'outside',
  scale: 'scale',
  max: 'inside',
  min: 'cover',
  fillmax: 'contain',
};
const COMPASS = /^(?:north|south)(?:-(?:east|west))?$|^(?:east|west)$/;
const GRAVITY = /^(?:centre|attention|entropy|faces|(?:north|south)(?:-(?:east|west))?|east|west)$/;
const FORMATS: Record<string, string> = {
  avif: 'avif',
  webp: 'webp',
  jpg: 'jpg',
  jpeg: 'jpg',
  png: 'png',
  gif: 'gif',
};

/** An address that means nothing; `parameter` is the name of the wrong one. */
export class AddressError extends Error {
  constructor(
    readonly parameter: string,
    reason: string,
  ) {
    super(`${parameter}: ${reason}`);
    this.name = 'AddressError';
  }
}

/**
 * Return the canonical query of these parameters.
 *
 * @throws {AddressError} a parameter is unknown, doubled, empty or wrong, or contradicts another.
 */
export function canonical(given: Iterable<readonly [string, string]>): string {
  const read = new Reader(given);
  const preset = read.matching('preset', /^[a-z0-9][a-z0-9_-]{0,63}$/, 'a preset’s name');
  const fm = read.word('fm', FORMATS);
  const found = preset === undefined ? sized(read, fm) : { preset, fm };
  if (preset !== undefined) read.expectNothingMore();
  return Object.entries(found)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('&');
}

function sized(read: Reader, fm: string | undefined): Record<string, string | number | undefined> {
  const ratio = Math.round((read.number('dpr', 1, 5, 2) ?? 1) * 100);
  const w = read.side('w', ratio);
  const h = read.side('h', ratio);
  const fit = shownFit(read.word('fit', FITS) ?? 'inside', w, h);
  const gravity = read.matching('gravity', GRAVITY, 'a gravity');
  const x = read.number('fp-x', 0, 1, 3);
  const y = read.number('fp-y', 0, 1, 3);
  if ((x === undefined) !== (y === undefined)) {
    throw new AddressError(y === undefined ? 'fp-y' : 'fp-x', 'is missing');
  }
  if (gravity !== undefined && x !== undefined) {
    throw new AddressError('gravity', 'and a focal point exclude each other');
  }
  const cuts = fit === 'cover' || fit === 'crop';
  const pads = (fit === 'contain' || fit === 'fill') && COMPASS.test(gravity ?? '');
  const bg = read.background();
  return {
    w,
    h,
    fit: fit === 'inside' ? undefined : fit,
    gravity: cuts || pads ? gravity : undefined,
    'fp-x': cuts ? x : undefined,
    'fp-y': cuts ? y : undefined,
    q: read.number('q', 1, 100, 0),
    fm,
    bg,
    blur: unlessZero(read.number('blur', 0, 100, 1)),
    sharpen: unlessZero(read.number('sharpen', 0, 10, 1)),
    sat: unlessZero(read.number('sat', -100, 100, 0)),
    rotate: unlessZero((read.number('rotate', 0, 999_999_999, 0) ?? 0) % 360),
    flip: read.matching('flip', /^(?:h|v|hv)$/, 'h, v or hv'),
    rect: read.rect(),
  };
}

function unlessZero(number: number | undefined): number | undefined {
  return number === 0 ? undefined : number;
}

/** With one side only there is no box to cut to, to pad or to stretch to. */
function shownFit(fit: string, w: number | undefined, h: number | undefined): string {
  if (w !== undefined && h !== undefined) return fit;
  const enlarges = fit === 'fill' || fit === 'scale' || fit === 'clip';
  return enlarges && w !== h ? 'clip' : 'inside';
}

/** The texts of parameters by their names. */
class Reader {
  readonly #given = new Map<string, string>();

  constructor(given: Iterable<readonly [string, string]>) {
    for (const [name, value] of given) {
      if (IGNORED.test(name)) continue;
      if (!NAMES.has(name)) throw new AddressError(name, 'is not a parameter');
      if (this.#given.has(name)) throw new AddressError(name, 'is there twice');
      this.#given.set(name, value);
    }
  }

  expectNothingMore(): void {
    const others = [...this.#given.keys()].filter((name) => name !== 'preset' && name !== 'fm');
    const [first] = others.sort();
    if (first !== undefined) throw new AddressError(first, 'cannot be changed in a preset');
  }

  matching(name: string, pattern: RegExp, what: string): string | undefined {
    const text = this.#given.get(name);
    if (text !== undefined && !pattern.test(text)) {
      throw new AddressError(name, text ? `"${text}" is not ${what}` : 'is empty');
    }
    return text;
  }

  word(name: string, words: Record<string, string>): string | undefined {
    const names = Object.keys(words);
    const text = this.matching(
      name,
      new RegExp(`^(?:${names.join('|')})$`),
      `one of ${names.join(', ')}`,
    );
    return text === undefined ? undefined : words[text];
  }

  number(name: string, low: number, high: number, decimals: number): number | undefined {
    const fraction = decimals ? `(\\.\\d{1,${decimals}})?` : '';
    const pattern = new RegExp(`^${low < 0 ? '-?' : ''}\\d{1,9}${fraction}$`);
    const what = decimals ? `a number with up to ${decimals} decimals` : 'a whole number';
    const text = this.matching(name, pattern, what);
    return text === undefined ? undefined : Math.min(Math.max(Number(text), low), high);
  }

  /** Return a side in device pixels, rounded half up; the ratio is in hundredths. */
  side(name: string, ratio: number): number | undefined {
    const text = this.matching(name, /^0*[1-9]\d{0,8}$/, `a whole number from 1 to ${MAX_SIDE}`);
    if (text === undefined) return undefined;
    return Math.min(Math.floor((Number(text) * ratio + 50) / 100), MAX_SIDE);
  }

  background(): string | undefined {
    const text = this.matching(
      'bg',
      /^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i,
      'a colour of 3 or 6 hexadecimal digits',
    )?.toLowerCase();
    return text?.length === 3 ? text.replace(/./g, '$&$&') : text;
  }

  rect(): string | undefined {
    const side = '0*[1-9]\\d{0,8}';
    const pattern = new RegExp(`^\\d{1,9},\\d{1,9},${side},${side}$`);
    const text = this.matching('rect', pattern, 'x,y,width,height in pixels');
    return text
      ?.split(',')
      .map((part) => Math.min(Number(part), MAX_OFFSET))
      .join(',');
  }
}

const NAMES = new Set([
  ...['preset', 'w', 'h', 'dpr', 'fit', 'gravity', 'fp-x', 'fp-y', 'q', 'fm', 'bg'],
  ...['blur', 'sharpen', 'sat', 'rotate', 'flip', 'rect'],
]);
