// What the linter holds the page and the packages to: TypeScript's strict rules, which know the types, Angular's, and of its
// templates those for accessibility as well. Prettier decides on form.
import angular from 'angular-eslint';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

// A switch over a union names each of its members: a new one, such as a status, does not pass unseen.
const EXHAUSTIVE = [
  'error',
  { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
];

export default defineConfig(
  { ignores: ['src/**/*.generated.ts', 'packages/*/dist'] },
  {
    files: ['packages/**/*.ts'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': EXHAUSTIVE,
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    extends: [
      typescript.configs.strictTypeChecked,
      typescript.configs.stylisticTypeChecked,
      angular.configs.tsRecommended,
    ],
    processor: angular.processInlineTemplates,
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': EXHAUSTIVE,
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/require-await': 'off', // an async function rejects where another would throw
      '@angular-eslint/component-selector': [
        'error',
        [
          { type: 'element', prefix: 'tt', style: 'kebab-case' },
          { type: 'attribute', prefix: 'tt', style: 'camelCase' },
        ],
      ],
      '@angular-eslint/prefer-signals': 'error',
    },
  },
  {
    files: ['src/**/*.html'],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
    rules: {
      '@angular-eslint/template/button-has-type': 'error',
      '@angular-eslint/template/no-duplicate-attributes': 'error',
      '@angular-eslint/template/require-switch-default': 'error',
    },
  },
);
