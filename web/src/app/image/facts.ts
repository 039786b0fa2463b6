// What is known of an original, as lines of a description list.
import type { Camera, Image, Original } from '../backend/models';
import { cameraTimeText } from '../shared/times';
import { formatBytes, formatCount } from '../state/formats';
import { formatName } from './comparison';

export interface Fact {
  readonly term: string;
  readonly text: string;
  /** The whole of what is shown in short, to be copied. */
  readonly whole?: string;
}

const SHORT_HASH = 8;

/** Returns the facts in the order in which people ask for them; what is unknown is left out. */
export function factsOf({ original, notes }: Image): readonly Fact[] {
  const facts = [...cameraFacts(original.camera), ...fileFacts(original)];
  return [...facts, { term: 'Note', text: notes.join('; ') }].filter((one) => one.text);
}

const HDR_TEXTS: Readonly<Record<string, string>> = {
  pq: 'high (PQ)',
  hlg: 'high (HLG)',
  gain_map: 'high (gain map)',
};

function hdrText(hdr: string | null | undefined): string {
  return HDR_TEXTS[hdr ?? ''] ?? '';
}

function cameraFacts(camera: Camera | null | undefined): Fact[] {
  if (!camera) return [];
  return [
    { term: 'Camera', text: cameraName(camera) },
    { term: 'Lens', text: camera.lens ?? '' },
    { term: 'Exposure', text: exposureText(camera) },
    { term: 'Taken', text: camera.takenAt ? cameraTimeText(camera.takenAt) : '' },
  ];
}

function fileFacts(original: Original): Fact[] {
  const { sha256, colourSpace } = original;
  const hash = sha256
    ? [{ term: 'SHA-256', text: `${sha256.slice(0, SHORT_HASH)}…`, whole: sha256 }]
    : [];
  return [
    { term: 'Dimensions', text: dimensionsText(original) },
    { term: 'File', text: fileText(original) },
    { term: 'Colour space', text: colourSpace ?? '' },
    { term: 'Dynamic range', text: hdrText(original.hdr) },
    { term: 'Transparency', text: original.hasAlpha ? 'yes' : '' },
    { term: 'Frames', text: framesText(original) },
    { term: 'Turned upright', text: turnText(original.orientation) },
    ...hash,
  ];
}

/** Returns maker and model, the maker once: most models begin with him. */
export function cameraName({ make, model }: Pick<Camera, 'make' | 'model'>): string {
  if (!make || !model) return model ?? make ?? '';
  const [first = ''] = make.split(' ');
  return model.toLowerCase().startsWith(first.toLowerCase()) ? model : `${make} ${model}`;
}

/** Returns `1/250 s, f/2.8, ISO 200, 50 mm`, of it what the camera wrote. */
export function exposureText(camera: Camera): string {
  const { exposureSeconds, aperture, iso, focalLengthMm } = camera;
  return [
    exposureSeconds && `${exposureSeconds} s`,
    aperture && `f/${aperture}`,
    iso && `ISO ${iso}`,
    focalLengthMm && `${focalLengthMm} mm`,
  ]
    .filter(Boolean)
    .join(' · ');
}

function dimensionsText({ width, height }: Original): string {
  if (!width || !height) return '';
  const megapixels = (width * height) / 1e6;
  const area = megapixels >= 0.1 ? ` (${megapixels.toFixed(1)} megapixels)` : '';
  return `${formatCount(width)} × ${formatCount(height)}${area}`;
}

function fileText({ format, bytes }: Original): string {
  return [format && formatName(format), bytes && formatBytes(bytes)].filter(Boolean).join(', ');
}

function framesText({ frames }: Original): string {
  return frames && frames > 1 ? formatCount(frames) : '';
}

const TURNS: Readonly<Record<number, string>> = {
  2: 'mirrored',
  3: 'by 180°',
  4: 'mirrored, by 180°',
  5: 'mirrored, by 270°',
  6: 'by 90°',
  7: 'mirrored, by 90°',
  8: 'by 270°',
};

/** What the EXIF orientation asked for, clockwise. */
function turnText(orientation: number | null | undefined): string {
  return TURNS[orientation ?? 1] ?? '';
}
