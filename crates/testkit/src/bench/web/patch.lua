-- wrk asks for one request first that it does not send.
local number = -1

-- All accounts in turn: before an account's turn comes again, the request before has been answered.
request = function()
  local place = math.max(number, 0)
  number = number + 1
  local turn = place % (creditors * #debtors)
  local creditor = string.format("%.0f", first + turn % creditors)
  local debtor = debtors[math.floor(turn / creditors) + 1]
  local version = math.floor(place / (creditors * #debtors)) + 2
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
