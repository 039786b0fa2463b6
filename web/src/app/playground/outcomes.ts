// What came of a request for an address, in words: where the picture was, or why there is none.
import { ApiProblem } from '../backend/api';
import { type Delivered, DeliveryError } from '../backend/delivery';
import { titleOf } from '../shared/failures';
import { formatMilliseconds } from '../state/formats';

export interface Trouble {
  readonly title: string;
  readonly text: string;
  /** For who looks it up: the status, and the code if there is one. */
  readonly code: string;
}

const REQUEST_INVALID = 400;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const UNPROCESSABLE = 422;
const TOO_MANY = 429;
const SERVER = 500;

const ORIGINS: Readonly<Record<Delivered['origin'], string>> = {
  made: 'made now',
  cached: 'from the CDN’s cache',
  stored: 'made before, now in the CDN’s cache as well',
  unknown: '',
};

/** Returns how long a picture took, and where it was: `in 320 ms, made now (rendering 250 ms)`. */
export function timeText({ ms, renderMs, origin }: Delivered): string {
  const rendering =
    origin === 'made' && renderMs !== null ? ` (rendering ${formatMilliseconds(renderMs)})` : '';
  return [formatMilliseconds(ms), ORIGINS[origin]].filter(Boolean).join(', ') + rendering;
}

/** Returns why there is no picture. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiProblem) {
    return {
      title: 'The address could not be signed',
      text: sentence(error.detail),
      code: [error.status || '', error.code].filter(Boolean).join(' '),
    };
  }
  if (!(error instanceof DeliveryError)) {
    return { title: 'Something went wrong', text: 'Try again.', code: '' };
  }
  const { status, code, detail } = error;
  return { ...wordsOf(status, code, detail), code: [status || '', code].filter(Boolean).join(' ') };
}

function wordsOf(status: number, code: string, detail: string): Omit<Trouble, 'code'> {
  switch (status) {
    case 0:
      return {
        title: 'No answer',
        text: 'The CDN cannot be reached, or took too long. Check your connection, then try again.',
      };
    case REQUEST_INVALID:
      return { title: 'The address is not valid', text: sentence(detail) };
    case FORBIDDEN:
      return {
        title: 'The address needs a signature',
        text: 'It is not open without one, or its signature is wrong or has expired.',
      };
    case NOT_FOUND:
      return {
        title: code === 'not_ready' ? 'The image is not ready yet' : 'The image was not found',
        text:
          code === 'not_ready'
            ? 'Wait until it has been processed, then try again.'
            : 'It was deleted, or who may see it has just changed.',
      };
    case UNPROCESSABLE:
      return {
        title: titleOf({ code, message: detail, retryable: false }),
        text: sentence(detail) || 'This size cannot be made of the original.',
      };
    case TOO_MANY:
      return { title: 'The service is busy', text: 'Wait a moment, then try again.' };
    default:
      return status >= SERVER
        ? { title: 'The service is busy', text: 'It did not make the picture. Try again.' }
        : { title: 'The picture could not be loaded', text: sentence(detail) };
  }
}

function sentence(text: string): string {
  if (!text) return '';
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
