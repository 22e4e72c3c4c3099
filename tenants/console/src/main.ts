import { createApp } from 'vue'
import '../../assets/tokens.css'
import '../../assets/relay.css'
import './theme/element-plus.css'
import './theme/base.css'
import './theme/parts.css'
import App from './App.vue'
import { router } from './router'

createApp(App).use(router).mount('#app')
