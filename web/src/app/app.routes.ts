// What is shown at which address. Both pages come with the first scripts: as chunks of their own they would
// save a tenth of these, and cost another way to the server and back before anything is seen.
import type { Routes } from '@angular/router';
import { Gallery } from './gallery/gallery';
import { ImagePage } from './image/image-page';

export const routes: Routes = [
  {
    path: '',
    pathMatch: 'full',
    title: 'Tintype',
    component: Gallery,
  },
  {
    path: 'images/:id',
    title: 'Image · Tintype',
    component: ImagePage,
  },
  {
    path: '**',
    title: 'Not found · Tintype',
    loadComponent: () => import('./shell/not-found').then((m) => m.NotFound),
  },
];
