import { plainName, slugOf, stemOf } from './names';

describe('names', () => {
  it('lose what turns or hides text', () => {
    expect(plainName('\u202egpj.exe\u200b')).toBe('gpj.exe');
    expect(plainName('\u202e')).toBe('unnamed');
    expect(plainName('a\nb\u0000')).toBe('ab');
  });

  it('lose their ending, and a name that is only an ending keeps it', () => {
    expect(stemOf('beach.2024.jpeg')).toBe('beach.2024');
    expect(stemOf('.jpg')).toBe('.jpg');
    expect(stemOf('beach')).toBe('beach');
  });

  it.each([
    ['beach.jpg', 'beach'],
    ['Übersee am Strand.jpg', 'U-bersee-am-Strand'],
    ['<img src=x onerror=alert(1)>.jpg', 'img-src-x-onerror-alert-1'],
    ['-rf $(reboot) `x`.png', 'rf-reboot-x'],
    ['../../etc/passwd', 'etc-passwd'],
    ['🏝️', 'image'],
    ['n'.repeat(200), 'n'.repeat(60)],
  ])('become a slug: %s', (filename, slug) => {
    expect(slugOf(filename)).toBe(slug);
  });
});
