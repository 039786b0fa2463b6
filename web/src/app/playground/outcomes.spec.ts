import { ApiProblem } from '../backend/api';
import { DeliveryError } from '../backend/delivery';
import { timeText, troubleOf } from './outcomes';

const BLOB = new Blob();

describe('why there is no picture', () => {
  it.each([
    [new DeliveryError(0, 'unreachable', ''), 'No answer', 'unreachable'],
    [new DeliveryError(400, '', 'w: not a number'), 'The address is not valid', '400'],
    [new DeliveryError(403, '', ''), 'The address needs a signature', '403'],
    [
      new DeliveryError(404, 'image_not_found', ''),
      'The image was not found',
      '404 image_not_found',
    ],
    [new DeliveryError(404, 'not_ready', ''), 'The image is not ready yet', '404 not_ready'],
    [
      new DeliveryError(422, 'cannot_fit', ''),
      'A rendition cannot be made small enough',
      '422 cannot_fit',
    ],
    [new DeliveryError(429, '', ''), 'The service is busy', '429'],
    [new DeliveryError(503, '', ''), 'The service is busy', '503'],
    [new DeliveryError(418, '', ''), 'The picture could not be loaded', '418'],
    [
      new ApiProblem('rate_limited', 'too many requests', 429),
      'The address could not be signed',
      '429 rate_limited',
    ],
    [new TypeError('broken'), 'Something went wrong', ''],
  ])('after %o is said in plain words', (error, title, code) => {
    expect(troubleOf(error)).toMatchObject({ title, code });
  });

  it('is said in sentences', () => {
    expect(troubleOf(new DeliveryError(400, '', 'w: not a number')).text).toBe('W: not a number.');
    expect(troubleOf(new ApiProblem('x', 'the API cannot be reached', 0)).text).toBe(
      'The API cannot be reached.',
    );
  });
});

describe('how long a picture took', () => {
  it.each([
    ['made', 1250, 1100, '1.3 s, made now (rendering 1.1 s)'],
    ['cached', 12, 1100, '12 ms, from the CDN’s cache'],
    ['stored', 80, null, '80 ms, made before, now in the CDN’s cache as well'],
    ['unknown', 80, null, '80 ms'],
  ] as const)('%s', (origin, ms, renderMs, text) => {
    expect(timeText({ blob: BLOB, ms, renderMs, origin })).toBe(text);
  });
});
