// Four pages. Every page but the sign-in needs a session; the address that was wanted is kept across it.
import { createRouter, createWebHistory } from 'vue-router'
import { whenSignedOut } from './api/http'
import { dropSession, loadSession, me } from './state/session'

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./signin/SignInPage.vue') },
    {
      path: '/',
      component: () => import('./shell/AppShell.vue'),
      children: [
        { path: '', name: 'desk', component: () => import('./desk/DeskPage.vue') },
        { path: 'new', name: 'new-case', component: () => import('./intake/NewCasePage.vue') },
        { path: 'cases/:id/edit', name: 'edit-case', component: () => import('./intake/NewCasePage.vue'), props: true },
        { path: 'cases/:id', name: 'case', component: () => import('./case/CasePage.vue'), props: true },
        { path: ':rest(.*)*', redirect: { name: 'desk' } },
      ],
    },
  ],
})

router.beforeEach(async (to) => {
  if (to.name === 'sign-in') return true
  if (await loadSession()) return true
  return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
})

let leaving = false
whenSignedOut(() => {
  const here = router.currentRoute.value
  // Several requests may learn of it at once; the first one leads the way.
  if (leaving || me.value === null || here.name === 'sign-in') return
  leaving = true
  // The session is dropped when its page is gone, not under its feet.
  void router.push({ name: 'sign-in', query: { to: here.fullPath, ended: '1' } }).finally(() => {
    dropSession()
    leaving = false
  })
})
