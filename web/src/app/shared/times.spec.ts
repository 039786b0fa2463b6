import { cameraTimeText, momentText } from './times';

describe('cameraTimeText', () => {
  it('keeps the clock of a camera that knew no zone', () => {
    expect(cameraTimeText('2015-01-21T14:22:30')).toBe('21 Jan 2015, 14:22');
  });

  it('says the zone where the camera knew it, and does not convert', () => {
    expect(cameraTimeText('2020-05-04T18:44:06-04:00')).toBe('4 May 2020, 18:44 UTC−04:00');
    expect(cameraTimeText('2020-05-04T18:44:06.12Z')).toBe('4 May 2020, 18:44 UTC');
  });

  it('shows what it cannot read as it is', () => {
    expect(cameraTimeText('long ago')).toBe('long ago');
    expect(cameraTimeText('2020-13-04T18:44:06')).toBe('2020-13-04T18:44:06');
  });
});

describe('momentText', () => {
  it('shows what is no date as it is', () => {
    expect(momentText('soon')).toBe('soon');
  });
});
