// What is shown at which address; each page is a chunk of its own.
import type { Routes } from '@angular/router';

export const routes: Routes = [
  {
    path: '',
    pathMatch: 'full',
    title: 'Tintype',
    loadComponent: () => import('./gallery/gallery').then((m) => m.Gallery),
  },
  {
    path: 'images/:id',
    title: 'Image · Tintype',
    loadComponent: () => import('./image/image-page').then((m) => m.ImagePage),
  },
  {
    path: '**',
    title: 'Not found · Tintype',
    loadComponent: () => import('./shell/not-found').then((m) => m.NotFound),
  },
];
