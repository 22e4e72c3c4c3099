// Check figures of the two national numbers, so that a slip is told while the applicant still sits there.
// Resident identity number: GB 11643; unified social credit code: GB 32100.
import { messages } from '../messages/zh-CN'

const IDENTITY_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const IDENTITY_CHECKS = '10X98765432'
const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** What is wrong with it, or null. */
export function identityNumberError(text: string): string | null {
  const number = text.trim().toUpperCase()
  if (!/^\d{17}[\dX]$/.test(number)) return messages.intake.wrong.identityLength
  if (!isRealDay(number.slice(6, 14))) return messages.intake.wrong.identityDate
  const sum = IDENTITY_WEIGHTS.reduce((total, weight, at) => total + weight * Number(number[at]), 0)
  return IDENTITY_CHECKS[sum % 11] === number[17] ? null : messages.intake.wrong.identityCheck
}

export function creditCodeError(text: string): string | null {
  const code = text.trim().toUpperCase()
  if (code.length !== 18 || [...code].some((letter) => !CREDIT_ALPHABET.includes(letter))) return messages.intake.wrong.credit
  const sum = CREDIT_WEIGHTS.reduce((total, weight, at) => total + weight * CREDIT_ALPHABET.indexOf(code[at] ?? ''), 0)
  return CREDIT_ALPHABET[(31 - (sum % 31)) % 31] === code[17] ? null : messages.intake.wrong.creditCheck
}

export function telephoneError(text: string): string | null {
  return /^(1\d{10}|0\d{2,3}-?\d{7,8})$/.test(text.trim()) ? null : messages.intake.wrong.telephone
}

function isRealDay(digits: string): boolean {
  const [year, month, day] = [Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6, 8))]
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
