// What need not wait for the page's own scripts, which are a hundred times as large: the theme, as
// shell/theme.ts will have it, and what this address is about, so that the page finds its answer on the way.
(() => {
  // A reload may bring this file after them: then the page has asked by itself.
  if (document.querySelector('tt-root[ng-version]')) return;

  const ask = (href) => {
    const link = document.createElement('link');
    Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href });
    document.head.append(link);
  };
  const image = /^\/images\/([0-9A-Z]{26})$/.exec(location.pathname);
  // Where one signs in (backend/kept.ts), the answer needs a token, which only the page's scripts can get.
  if (!kept('tintype.signs-in')) {
    if (image) ask(`/api/images/${image[1]}`);
    else if (location.pathname === '/') ask('/api/images?limit=30');
  }

  const theme = kept('tintype.theme');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const chosen = theme === 'light' || theme === 'dark' ? theme : undefined;
  document.documentElement.dataset.bsTheme = chosen ?? (dark ? 'dark' : 'light');

  function kept(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // a browser that forbids storage
    }
  }
})();
