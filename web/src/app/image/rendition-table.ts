// Every rendition with its size and format, to open, to link to and to keep.
import { Component, computed, input } from '@angular/core';
import type { Image, Rendition } from '../backend/models';
import { sharedAddress, signedUntil } from '../shared/addresses';
import { CopyButton } from '../shared/copy-button';
import { clockText } from '../shared/times';
import { formatBytes, formatCount } from '../state/formats';
import { formatName, nameOf } from './comparison';
import { comparedText } from './savings';
import { fileNameOf } from './snippets';

interface Line {
  readonly rendition: Rendition;
  readonly name: string;
  readonly format: string;
  readonly size: string;
  readonly bytes: string;
  readonly saving: string;
  readonly file: string;
  /** The URL to give away; '' while that of a private image is not known. */
  readonly shared: string;
}

@Component({
  selector: 'tt-rendition-table',
  imports: [CopyButton],
  template: `
    @if (until()) {
      <p class="note numbers">Copied URLs are{{ until() }}.</p>
    }
    <table class="renditions table">
      <caption class="visually-hidden">
        Renditions, their sizes and actions
      </caption>
      <thead>
        <tr>
          <th scope="col">Rendition</th>
          <th scope="col">Size</th>
          <th scope="col"><span class="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        @for (line of lines(); track line.rendition.url) {
          <tr>
            <th scope="row">
              {{ line.rendition.preset }}
              <span class="note numbers">{{ line.format }} · {{ line.size }}</span>
            </th>
            <td>
              <span>{{ line.bytes }}</span>
              <span class="note numbers">{{ line.saving }}</span>
            </td>
            <td>
              <div class="actions">
                <a
                  class="btn btn-outline-primary btn-sm"
                  target="_blank"
                  rel="noopener"
                  [href]="line.rendition.url"
                  [attr.aria-label]="'Open ' + line.name + ' in a new tab'"
                >
                  <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M9.5 2.5h4v4M13.5 2.5L7.5 8.5M6.5 3.5h-4v10h10v-4" />
                  </svg>
                  <span class="caption">Open</span>
                </a>
                @if (line.shared) {
                  <tt-copy
                    caption="Copy URL"
                    [text]="line.shared"
                    [label]="'Copy URL of ' + line.name + (until() && ',' + until())"
                  />
                }
                <a
                  class="btn btn-outline-primary btn-sm"
                  [href]="line.rendition.url"
                  [download]="line.file"
                  [attr.aria-label]="'Download ' + line.name"
                >
                  <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13.5h10" />
                  </svg>
                  <span class="caption">Download</span>
                </a>
              </div>
            </td>
          </tr>
        }
      </tbody>
    </table>
  `,
})
export class RenditionTable {
  readonly image = input.required<Image>();

  protected readonly until = computed(() => {
    const until = signedUntil(this.image());
    return until ? ` valid until ${clockText(until)}` : '';
  });
  protected readonly lines = computed<readonly Line[]>(() => {
    const image = this.image();
    const until = signedUntil(image);
    return image.renditions.map((rendition) => ({
      rendition,
      name: nameOf(rendition),
      format: formatName(rendition.format),
      size: `${formatCount(rendition.width)} × ${formatCount(rendition.height)}`,
      bytes: formatBytes(rendition.bytes),
      saving: comparedText(image, rendition),
      file: fileNameOf(image, rendition),
      shared: image.visibility === 'public' || until ? sharedAddress(rendition) : '',
    }));
  });
}
