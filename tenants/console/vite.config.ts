// Builds the console into dist/, to be served by the binary under /console/.
// `npm run dev` passes the interface on to a running service, so that what is tried is what is there.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const SERVICE = process.env['ZT_SERVICE'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  server: {
    // The tokens live beside the console, because the portal reads them too.
    fs: { allow: ['..'] },
    proxy: { '/api': SERVICE },
  },
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
})
