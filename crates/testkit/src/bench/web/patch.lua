local number = 0

-- All creditors in turn: before an account's turn comes again, the request before has been answered.
request = function()
  local creditor = string.format("%.0f", first + number % creditors)
  local version = math.floor(number / creditors) + 2
  number = number + 1
  local body = string.format(
    '{"type":"AccountDisplay","debtorName":"Debtor %d","amountDivisor":100.0,"decimalPlaces":%d,"unit":"EUR",'
      .. '"knownDebtor":true,"latestUpdateId":%d}',
    debtor, version % 20, version
  )
  return wrk.format("PATCH", string.format("/creditors/%s/accounts/%d/display", creditor, debtor), {
    ["X-Swpt-User-Id"] = "creditors:" .. creditor,
    ["X-Swpt-Require-Pin"] = "true",
    ["Content-Type"] = "application/json",
  }, body)
end
