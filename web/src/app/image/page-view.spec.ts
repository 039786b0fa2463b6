import { ApiProblem } from '../backend/api';
import { sampleImage } from '../shared/sample-image';
import { pageView } from './page-view';
import { tabAfter } from './snippet-tabs';

describe('pageView', () => {
  it('shows what is known while it is read again, and when that fails', () => {
    const image = sampleImage();
    const problem = new ApiProblem('api_unreachable', 'no answer', 0);

    expect(pageView({ state: 'reading' }, image)).toEqual({ kind: 'image', image });
    expect(pageView({ state: 'failed', problem }, image)).toEqual({ kind: 'image', image });
    expect(pageView({ state: 'failed', problem }, undefined)).toEqual({
      kind: 'unreachable',
      problem,
    });
  });

  it('tells a deleted image from one that never was', () => {
    expect(pageView({ state: 'found' }, undefined)).toEqual({ kind: 'gone' });
    expect(pageView({ state: 'missing' }, undefined)).toEqual({ kind: 'missing' });
  });
});

describe('tabAfter', () => {
  it('goes round', () => {
    expect(tabAfter('ArrowRight', 3, 4)).toBe(0);
    expect(tabAfter('ArrowLeft', 0, 4)).toBe(3);
    expect(tabAfter('Home', 2, 4)).toBe(0);
    expect(tabAfter('End', 2, 4)).toBe(3);
    expect(tabAfter('Tab', 2, 4)).toBeNull();
  });
});
