import { stagesOf, totalOf } from './stages';

describe('stagesOf', () => {
  it('lays the stages one after the other', () => {
    const stages = stagesOf({ wait: 10, read: 10, render: 70, write: 10 });

    expect(stages.map((one) => [one.word, one.from, one.length])).toEqual([
      ['Waited', 0, 10],
      ['Read', 10, 10],
      ['Rendered', 20, 70],
      ['Wrote', 90, 10],
    ]);
    expect(totalOf(stages)).toBe(100);
  });

  it('leaves out what did not happen', () => {
    const stages = stagesOf({ wait: 0, read: 5, render: null, write: null });
    expect(stages.map((one) => one.word)).toEqual(['Waited', 'Read']);
  });

  it('divides nothing by nothing', () => {
    expect(stagesOf(null)).toEqual([]);
    expect(stagesOf({ wait: 0, read: null, render: null, write: null })[0]?.length).toBe(0);
  });
});
