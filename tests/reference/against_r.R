# What tests/test_against_r.py compares with: Rscript tests/reference/against_r.R, from the root of the repository.
# Packages of Debian 12: r-base-core, r-cran-lme4, r-cran-lmertest, r-cran-clubsandwich, r-cran-sandwich, r-cran-psych.
suppressMessages({library(clubSandwich); library(lmerTest); library(sandwich); library(psych)})
scans <- read.delim("tests/reference/scans.tsv")
scans$session <- factor(scans$session, c("pre", "post"))
scans$log_a <- log1p(scans$volume_1); scans$log_b <- log1p(scans$volume_2)
scans$d <- scans$log_a - scans$log_b
found <- list()
put <- function(name, value, kind = "closed") found[[length(found) + 1]] <<- data.frame(quantity = name, value = sprintf("%.15g", value), kind = kind)

# Cluster-robust line, and the same with 9 scans missing
for (which in c("balanced", "unbalanced")) {
  part <- if (which == "balanced") scans else scans[-c(2, 6, 10, 13, 18, 22, 25, 30, 38), ]
  fit <- lm(log_a ~ score, part)
  test <- coef_test(fit, vcov = "CR2", cluster = part$subject, test = "Satterthwaite")
  ends <- conf_int(fit, vcov = "CR2", cluster = part$subject, test = "Satterthwaite")
  for (row in 1:2) {
    name <- paste(which, c("intercept", "slope")[row])
    put(paste(name, "estimate"), test$beta[row]); put(paste(name, "se"), test$SE[row]); put(paste(name, "df"), test$df[row])
    put(paste(name, "p"), test$p_Satt[row]); put(paste(name, "low"), ends$CI_L[row]); put(paste(name, "high"), ends$CI_U[row])
  }
}

# Log link, and its jackknife
logged <- function(part) coef(glm(volume_1 ~ score, quasipoisson, part, control = list(epsilon = 1e-14, maxit = 100)))
put("log link intercept", logged(scans)[1]); put("log link slope", logged(scans)[2])
left <- sapply(unique(scans$subject), function(s) logged(scans[scans$subject != s, ])[2])
put("log link slope se", sqrt((length(left) - 1) / length(left) * sum((left - mean(left))^2)))

# Variance components of the differences (restricted likelihood, balanced), and the bias
mixed <- lmer(d ~ session + (1 | subject), scans)
parts <- as.data.frame(VarCorr(mixed))$vcov
put("variance between subjects", parts[1], "fitted"); put("variance within subjects", parts[2], "fitted")
bias <- t.test(tapply(scans$d, scans$subject, mean))
put("bias", bias$estimate); put("bias low", bias$conf.int[1]); put("bias high", bias$conf.int[2])

# Reliability of all scans and of change
icc <- function(table, name) {
  r <- ICC(table, lmer = FALSE)$results
  put(paste(name, "icc"), r["Single_random_raters", "ICC"])
  put(paste(name, "icc low"), r["Single_random_raters", "lower bound"]); put(paste(name, "icc high"), r["Single_random_raters", "upper bound"])
  put(paste(name, "icc of mean"), r["Average_random_raters", "ICC"])
}
icc(scans[c("log_a", "log_b")], "status")
change <- sapply(c("log_a", "log_b"), function(x) scans[scans$session == "post", x] - scans[scans$session == "pre", x])
icc(change, "change")

# Smallest detectable change of one reader and its chi-squared interval
apart <- var(change[, 1] - change[, 2])
put("smallest detectable change", 1.96 * sqrt(apart / 2))
put("smallest detectable change low", 1.96 * sqrt(apart / 2 * 19 / qchisq(0.975, 19)))
put("smallest detectable change high", 1.96 * sqrt(apart / 2 * 19 / qchisq(0.025, 19)))

# Mixed model of all readings, in two arms and two sites; the difference of the arms' changes
long <- rbind(data.frame(scans, reader = "a", y = scans$log_a), data.frame(scans, reader = "b", y = scans$log_b))
number <- as.integer(substr(long$subject, 2, 3)); long$scan <- paste(long$subject, long$session)
long$arm <- factor(number %% 2); long$site <- factor(number %% 3 == 0)
model <- lmer(y ~ session * arm + site + reader + (1 | subject) + (1 | scan), long)
fixed <- c("(Intercept)", "sessionpost", "arm1", "siteTRUE", "readerb", "sessionpost:arm1")
for (name in fixed) { put(paste("mixed", name), fixef(model)[name], "fitted"); put(paste("mixed se", name), sqrt(diag(as.matrix(vcov(model))))[name], "fitted") }
for (part in c("subject", "scan")) put(paste("mixed variance", part), VarCorr(model)[[part]][1], "fitted")
put("mixed variance rest", sigma(model)^2, "fitted")
odd <- as.integer(substr(scans$subject[scans$session == "pre"], 2, 3)) %% 2 == 1
mean_change <- rowMeans(change)
welch <- t.test(mean_change[odd], mean_change[!odd])
put("welch low", welch$conf.int[1]); put("welch high", welch$conf.int[2]); put("welch p", welch$p.value)

# Ordinary line of the changes with HC3, influence, ranks
x <- scans$score[scans$session == "post"] - scans$score[scans$session == "pre"]
line <- lm(change[, 1] ~ x)
put("change slope", coef(line)[2]); put("change slope low", confint(line)[2, 1]); put("change slope p", summary(line)$coefficients[2, 4])
put("change r2", summary(line)$r.squared)
robust <- sqrt(vcovHC(line, "HC3")[2, 2])
put("change slope hc3 low", coef(line)[2] - qt(0.975, 18) * robust); put("change slope hc3 p", 2 * pt(-abs(coef(line)[2] / robust), 18))
put("largest cook", max(cooks.distance(line))); put("largest studentised", max(abs(rstudent(line))))
put("spearman", cor(x, change[, 1], method = "spearman"))

# One scan a subject: sign test, signed ranks; counts
one <- scans$d[scans$session == "pre"]
put("sign test p", binom.test(sum(one > 0), sum(one != 0))$p.value)
put("signed rank p", wilcox.test(change[, 1] - change[, 2], exact = TRUE)$p.value)
share <- binom.test(11, 16); put("share low", share$conf.int[1]); put("share high", share$conf.int[2])
apart <- binom.test(2, 9)
put("discordant low", apart$conf.int[1]); put("discordant high", apart$conf.int[2]); put("mcnemar p", apart$p.value)
kappa <- cohen.kappa(matrix(c(10, 7, 2, 9), 2)); put("kappa", kappa$kappa)

# Howe's tolerance factor of 29 independent differences
put("tolerance factor", qnorm(0.975) * sqrt((1 + 1 / 29) * 28 / qchisq(0.05, 28)))
write.table(do.call(rbind, found), "tests/reference/from_r.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
