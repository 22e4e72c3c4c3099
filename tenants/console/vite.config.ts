// Builds the console into dist/, to be served by the binary under /console/.
// The mock service exists only for `npm run dev`; a build never contains it.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { mockService } from './mock/plugin'

export default defineConfig(({ command }) => ({
  base: '/console/',
  plugins: [vue(), ...(command === 'serve' ? [mockService()] : [])],
  // The tokens live beside the console, because the portal reads them too.
  server: { fs: { allow: ['..'] } },
  build: {
    target: 'es2022',
    // Inlined assets would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (/node_modules\/(@vue|vue|vue-router)\//.test(id)) return 'vue'
          return undefined
        },
      },
    },
  },
}))
