import { Component, signal } from '@angular/core';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { PictureCookie } from '../backend/picture-cookie';
import { PrivatePicture } from './private-picture';

@Component({ imports: [PrivatePicture], template: '<img alt="" [ttPicture]="address()" />' })
class Page {
  readonly address = signal('https://page.example/p/ada/01M7/abc/thumb.webp');
}

describe('a picture that may be private', () => {
  const cookie = { times: signal(0), onFailed: vi.fn() };
  let page: ComponentFixture<Page>;

  beforeEach(() => {
    cookie.times.set(0);
    cookie.onFailed.mockClear();
    TestBed.configureTestingModule({ providers: [{ provide: PictureCookie, useValue: cookie }] });
    page = TestBed.createComponent(Page);
    page.detectChanges();
  });

  const picture = (): HTMLImageElement | null =>
    (page.nativeElement as HTMLElement).querySelector('img');

  function fail(): void {
    picture()?.dispatchEvent(new Event('error'));
    page.detectChanges();
  }

  function given(): void {
    cookie.times.update((times) => times + 1);
    page.detectChanges();
  }

  it('is neither asked for nor seen broken before there is a cookie', () => {
    expect(picture()?.hasAttribute('src')).toBe(false);
    expect(picture()?.style.visibility).toBe('hidden');

    given();

    expect(picture()?.src).toContain('/p/ada/');
    expect(picture()?.style.visibility).toBe('');
  });

  it('is hidden when it is refused, and asked for again with the next cookie', () => {
    given();
    fail();
    expect(picture()?.hasAttribute('src')).toBe(false);
    expect(cookie.onFailed).toHaveBeenCalledOnce();

    given();

    expect(picture()?.src).toContain('/p/ada/');
  });

  it('needs no cookie where it is public', () => {
    page.componentInstance.address.set('https://cdn.example/01M7/abc/thumb.webp');
    page.detectChanges();
    expect(picture()?.src).toContain('/01M7/');

    fail();

    expect(picture()?.src).toContain('/01M7/');
    expect(cookie.onFailed).not.toHaveBeenCalled();
  });
});
