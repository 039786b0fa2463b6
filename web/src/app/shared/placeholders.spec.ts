import { bytesOf, paintOf, placeholderUrl } from './placeholders';

describe('placeholders', () => {
  it('become a small picture', () => {
    expect(placeholderUrl('3OcRJYB4d3h/iIeHeEh3eIhw+j2w')).toMatch(/^data:image\/png;base64,/);
  });

  it('that are none become nothing', () => {
    expect(placeholderUrl(null)).toBeNull();
    expect(placeholderUrl('not base64!')).toBeNull();
    expect(bytesOf('AAAA')).toBeNull();
  });
});

describe('paintOf', () => {
  it('lets through a colour and nothing else', () => {
    expect(paintOf('#0a1B2c')).toBe('#0a1B2c');
    expect(paintOf('red; background: url(//evil.example)')).toBeNull();
    expect(paintOf(null)).toBeNull();
  });
});
